-- Refused tries of a pairing code, and addresses proposed, are counted in the log: nothing else keeps them. What stands here may
-- be gone already.
drop table if exists pairing_try;
delete from mail_address where confirmed is null and proposed is null;
alter table mail_address
  drop column if exists proposals,
  drop column if exists proposals_since;

-- Every Consent that a migration wrote is remembered, not the last one alone.
alter table migrated_consent
  drop constraint migrated_consent_pkey,
  add primary key (patient_key, holder, consent_id);
