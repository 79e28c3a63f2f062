-- Notifications to holders: what each subscription was told, where its delivery stands, and the events themselves.

-- One row for each subscription. `told` is the profile that the last event holds. `host` is a keyed hash of the host of its
-- endpoint, so that a host that does not answer is known as one without being readable.
-- `due_at` is when the first undelivered event is tried next; a server that takes it moves it ahead and leaves its `claim`,
-- so that a server that dies gives it back by itself. Null: nothing to deliver, or given up (`failed`).
create table notification (
  patient_key bytea not null check (octet_length(patient_key) = 32),
  subscription_id text collate "C" not null,
  host bytea not null check (octet_length(host) = 32),
  told json not null,
  last_event integer not null,
  delivered_event integer not null,
  -- Since when the first undelivered event could have been delivered: it expires some time after.
  due_since timestamptz not null,
  due_at timestamptz,
  claim uuid,
  attempts integer not null default 0,
  failed boolean not null default false,
  primary key (patient_key, subscription_id),
  check (delivered_event between 0 and last_event)
);
create index notification_due on notification (host, due_at) where due_at is not null;
create index notification_subscription on notification (subscription_id);

-- Numbered from 1 without gaps. `profile` is null once the citizen has deleted the account.
create table notification_event (
  patient_key bytea not null,
  subscription_id text collate "C" not null,
  number integer not null check (number > 0),
  recorded_at timestamptz not null,
  profile json,
  primary key (patient_key, subscription_id, number)
);
