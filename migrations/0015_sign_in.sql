-- Citizens who are signed in. What a browser holds is in no table, only its digest.
create table session (
  digest bytea primary key check (octet_length(digest) = 32),
  -- One for each citizen: signing in elsewhere ends it.
  patient_key bytea not null unique check (octet_length(patient_key) = 32),
  assurance text not null check (assurance in ('substantial', 'high')),
  created_at timestamptz not null,
  last_used_at timestamptz not null
);
-- What has ended by itself is found by it.
create index session_last_used on session (last_used_at);
