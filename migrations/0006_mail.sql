-- Mails to citizens: where they go, and those that still have to be sent.

-- Addresses are sealed under a key outside the database. `proposed` is the one in the citizen's Patient until its owner
-- confirms it with a code, of which only a hash is here. A row without addresses still counts how many were proposed.
create table mail_address (
  patient_key bytea primary key check (octet_length(patient_key) = 32),
  language text not null check (language in ('nl', 'en')),
  confirmed text,
  proposed text,
  code_hash bytea check (octet_length(code_hash) = 32),
  code_expires_at timestamptz,
  proposals integer not null,
  proposals_since timestamptz not null,
  check ((proposed is null) = (code_hash is null) and (proposed is null) = (code_expires_at is null))
);
create unique index mail_address_code on mail_address (code_hash);

-- The queue. A mail of kind `news` goes to the address that is confirmed when it is sent; the others carry theirs, sealed
-- like the code. `patient_key` is null where the account is gone. `taken_until` is a lease: whoever took the mail and died
-- leaves it to others from then on.
create table mail (
  id uuid primary key,
  patient_key bytea check (octet_length(patient_key) = 32),
  kind text not null check (kind in ('news', 'confirm-address', 'account-deleted')),
  language text not null check (language in ('nl', 'en')),
  address text,
  code text,
  queued_at timestamptz not null,
  next_at timestamptz not null,
  attempts integer not null default 0,
  taken_until timestamptz,
  check ((address is null) = (kind = 'news') and (code is null) = (kind <> 'confirm-address'))
);
create index mail_next on mail (next_at);
create index mail_patient on mail (patient_key);
