-- What holders brought along: for each citizen and organisation the one Consent that migration writes to, and what was taken
-- back of it since, which migrating again must not bring back.
create table migrated_consent (
  patient_key bytea not null check (octet_length(patient_key) = 32),
  -- Number of the migrating organisation.
  holder text collate "C" not null,
  consent_id text collate "C" not null,
  -- The version that migration wrote last.
  version integer not null,
  -- Requester places, as in a rule.
  taken_back text[] not null,
  primary key (patient_key, holder)
);
