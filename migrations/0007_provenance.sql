-- Where answers come from: one row for each recording for one citizen. Keyed by citizen first, like the answers. Never
-- changed; the deletion of an account deletes a citizen's rows, and from those of others erases that this citizen recorded
-- them.
create table provenance (
  patient_key bytea not null check (octet_length(patient_key) = 32),
  id uuid not null,
  recorded_at timestamptz not null,
  way text collate "C" not null,
  -- The citizen who recorded, while there is an account: the same one, or a parent. Null when a client did.
  recorder_key bytea check (octet_length(recorder_key) = 32),
  client_id text collate "C",
  ura text collate "C",
  reason text,
  catalogue_version text not null,
  -- Versioned: Consent/4f1…/_history/2
  targets text[] not null check (cardinality(targets) > 0),
  primary key (patient_key, id)
);
create index provenance_id on provenance (id);
create index provenance_patient on provenance (patient_key, recorded_at, id);
create index provenance_ura on provenance (ura, recorded_at, id) where ura is not null;
create index provenance_recorder on provenance (recorder_key) where recorder_key <> patient_key;

create function refuse_provenance_change() returns trigger language plpgsql as $$
begin
  old.recorder_key := null;
  if new is distinct from old then
    raise exception 'provenance is append-only';
  end if;
  return new;
end $$;
create trigger provenance_append_only before update on provenance
  for each row execute function refuse_provenance_change();
