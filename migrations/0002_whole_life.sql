-- The whole life of a consent: the register of subscriptions in encrypted vaults, one for each holder, and what citizens
-- have settled about themselves.

-- A holder's data keys, wrapped by the master key. `vault` is a keyed hash of the holder's number.
create table holder_vault (
  vault bytea not null check (octet_length(vault) = 32),
  key_version integer not null,
  wrapped_key bytea not null,
  created_at timestamptz not null,
  primary key (vault, key_version)
);

-- `content` is the Subscription sealed under a data key of its vault: {"key": 1, "sealed": "…"}. `registration` is a keyed
-- hash of what makes two subscriptions the same one: holder, type, gateway and source system.
drop table subscription;
create table subscription (
  patient_key bytea not null check (octet_length(patient_key) = 32),
  id text collate "C" not null,
  version integer not null,
  recorded_at timestamptz not null,
  deleted boolean not null,
  content json,
  search jsonb not null,
  vault bytea not null check (octet_length(vault) = 32),
  registration bytea not null check (octet_length(registration) = 32),
  primary key (patient_key, id),
  check (deleted = (content is null))
);
create unique index subscription_registration on subscription (patient_key, registration) where not deleted;
create index subscription_id on subscription (id);
create index subscription_vault on subscription (vault, patient_key) where not deleted;
create index subscription_recorded on subscription (vault, recorded_at, id);

create table subscription_history (
  patient_key bytea not null,
  id text collate "C" not null,
  version integer not null,
  recorded_at timestamptz not null,
  method text not null check (method in ('create', 'update', 'patch', 'delete')),
  content json,
  vault bytea not null,
  primary key (patient_key, id, version)
);
create index subscription_history_id on subscription_history (id, version);
create index subscription_history_vault on subscription_history (vault, recorded_at, id, version);

-- One row for each citizen who has settled something; nobody's row says the same as the defaults.
create table citizen (
  patient_key bytea primary key check (octet_length(patient_key) = 32),
  -- The citizen lock: no provider records for this citizen.
  locked boolean not null default false,
  -- About which events a mail is wanted.
  email_on text[] not null default '{}',
  -- Said by the citizen; counts as long as there is no birth date.
  age_group text,
  -- A provider passed the birth date: the citizen cannot change the age group any more.
  birth_date_by_provider boolean not null default false
);
