-- Whoever delivers asks for the hosts of a holder's clients.
create index client_ura on client (ura) where ura is not null;

-- What requests with an Idempotency-Key were answered, kept for a day. The answer is sealed; whom it is about stands beside it, so
-- that it can leave with an account.
create table kept_answer (
  name bytea primary key check (octet_length(name) = 32),
  content bytea not null check (octet_length(content) = 32),
  answer text not null,
  patient_keys bytea[] not null,
  kept_at timestamptz not null
);
create index kept_answer_patients on kept_answer using gin (patient_keys);
create index kept_answer_kept_at on kept_answer (kept_at);
