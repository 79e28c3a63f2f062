-- What holders brought along: for each citizen and organisation every Consent that migration wrote, and what had been taken
-- back of them when it wrote, which migrating again must not bring back.
create table migrated_consent (
  patient_key bytea not null check (octet_length(patient_key) = 32),
  -- Number of the migrating organisation.
  holder text collate "C" not null,
  consent_id text collate "C" not null,
  -- The version that migration wrote last.
  version integer not null,
  -- Requester places, as in a rule.
  taken_back text[] not null,
  primary key (patient_key, holder, consent_id)
);
