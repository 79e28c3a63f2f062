-- The secret under which a holder's notifications are signed, sealed under a data key of its vault: {"key": 1, "sealed": "…"}.
create table holder_secret (
  vault bytea primary key check (octet_length(vault) = 32),
  content json not null,
  created_at timestamptz not null
);
