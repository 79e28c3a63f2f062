-- What the built-in authorisation server remembers. A token is known by its SHA-256 digest alone: who reads this table has
-- none. Rows live for minutes and are swept away after.
create table access_token (
  digest bytea primary key check (octet_length(digest) = 32),
  client_id text collate "C" not null references client (id) on delete cascade,
  scopes text[] not null,
  -- Thumbprint of the key (RFC 9449) or the certificate (RFC 8705) it is bound to.
  key_thumbprint text,
  certificate_thumbprint text,
  issued_at timestamptz not null,
  expires_at timestamptz not null
);
create index access_token_expires on access_token (expires_at);
create index access_token_client on access_token (client_id);

-- Ids (`jti`) of assertions and proofs that were used: each counts once.
create table used_id (
  -- The client of an assertion, or the thumbprint of the key of a proof.
  issuer text collate "C" not null,
  digest bytea not null check (octet_length(digest) = 32),
  expires_at timestamptz not null,
  primary key (issuer, digest)
);
create index used_id_expires on used_id (expires_at);
