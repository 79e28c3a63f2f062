-- The register: citizens, organisations, their consents, the audit log, clients and subscriptions.
--
-- Identifiers sort by code point ("C") on every server, so that pages follow each other in the same order everywhere.
-- Tables that grow with citizens are keyed by the citizen first.
-- A deleted resource keeps its row, without content, so that its number of versions goes on.

create table patient (
  id text collate "C" primary key,
  version integer not null,
  recorded_at timestamptz not null,
  deleted boolean not null,
  content json,
  search jsonb not null,
  patient_key bytea not null check (octet_length(patient_key) = 32),
  bsn_cipher bytea not null,
  check (deleted = (content is null))
);
create unique index patient_key_unique on patient (patient_key) where not deleted;
create index patient_recorded on patient (recorded_at, id);
create index patient_search on patient using gin (search jsonb_path_ops);

create table patient_history (
  id text collate "C" not null,
  version integer not null,
  recorded_at timestamptz not null,
  method text not null check (method in ('create', 'update', 'patch', 'delete')),
  content json,
  primary key (id, version)
);
create index patient_history_recorded on patient_history (recorded_at, id, version);

create table organization (
  id text collate "C" primary key,
  version integer not null,
  recorded_at timestamptz not null,
  deleted boolean not null,
  content json,
  search jsonb not null,
  ura text collate "C" not null,
  types text[] not null,
  check (deleted = (content is null))
);
create unique index organization_ura_unique on organization (ura) where not deleted;
create index organization_recorded on organization (recorded_at, id);
create index organization_search on organization using gin (search jsonb_path_ops);

create table organization_history (
  id text collate "C" not null,
  version integer not null,
  recorded_at timestamptz not null,
  method text not null check (method in ('create', 'update', 'patch', 'delete')),
  content json,
  ura text collate "C" not null,
  types text[] not null,
  primary key (id, version)
);
create index organization_history_ura on organization_history (ura, id, version);
create index organization_history_recorded on organization_history (recorded_at, id, version);

-- `rule` is what the decision reads: the consents that may count (active, proposed) have one, and no others.
create table consent (
  patient_key bytea not null check (octet_length(patient_key) = 32),
  id text collate "C" not null,
  version integer not null,
  recorded_at timestamptz not null,
  deleted boolean not null,
  status text not null,
  rule jsonb,
  content json,
  search jsonb not null,
  primary key (patient_key, id),
  check (deleted = (content is null)),
  check ((rule is not null) = (not deleted and status in ('active', 'proposed')))
);
create index consent_id on consent (id);
create index consent_recorded on consent (recorded_at, id);
create index consent_counting on consent (patient_key)
  where rule is not null and not deleted and status in ('active', 'proposed');
create index consent_search on consent using gin (search jsonb_path_ops);

create table consent_history (
  patient_key bytea not null,
  id text collate "C" not null,
  version integer not null,
  recorded_at timestamptz not null,
  method text not null check (method in ('create', 'update', 'patch', 'delete')),
  status text not null,
  rule jsonb,
  content json,
  primary key (patient_key, id, version)
);
create index consent_history_id on consent_history (id, version);
create index consent_history_recorded on consent_history (recorded_at, id, version);

create table audit_event (
  id uuid not null,
  recorded_at timestamptz not null,
  patient_key bytea,
  client_id text,
  interaction text not null,
  outcome text not null,
  detail jsonb not null
) partition by range (recorded_at);
create index audit_event_id on audit_event (id);
create index audit_event_patient on audit_event (patient_key, recorded_at) where patient_key is not null;
create index audit_event_recorded on audit_event (recorded_at, id);
-- Takes what no day takes, so that a forgotten partition never stops the register.
create table audit_event_default partition of audit_event default;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;
create trigger audit_event_append_only before update or delete on audit_event
  for each row execute function refuse_change();

create table client (
  id text collate "C" primary key,
  role text not null,
  ura text collate "C",
  active boolean not null,
  created_at timestamptz not null
);

create table subscription (
  patient_key bytea not null check (octet_length(patient_key) = 32),
  holder_ura text collate "C" not null,
  active boolean not null,
  created_at timestamptz not null,
  primary key (patient_key, holder_ura)
);
create index subscription_holder on subscription (holder_ura) where active;
