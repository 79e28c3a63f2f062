-- A parent confirms what a child proposes, with a code that the child's screen shows.

-- At most one for each child. All three hashes are keyed: the code is in no table, and neither is who may use it.
create table pairing_code (
  patient_key bytea primary key check (octet_length(patient_key) = 32),
  -- Of the first half of the code: finds the row.
  selector bytea not null unique check (octet_length(selector) = 32),
  -- Of the whole code: proves it.
  verifier bytea not null check (octet_length(verifier) = 32),
  -- Of the versions of the Consents that the code is for.
  proposals bytea not null check (octet_length(proposals) = 32),
  expires_at timestamptz not null,
  -- Wrong ones at this selector.
  tries integer not null
);

-- Refused tries of an account, counted from the first one.
create table pairing_try (
  patient_key bytea primary key check (octet_length(patient_key) = 32),
  since timestamptz not null,
  tries integer not null
);

-- Who confirmed or rejected for whom: such a parent is told what the child proposes next.
create table family (
  child_key bytea not null check (octet_length(child_key) = 32),
  parent_key bytea not null check (octet_length(parent_key) = 32),
  primary key (child_key, parent_key)
);
create index family_parent on family (parent_key);
