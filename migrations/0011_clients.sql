-- What a client is registered with: the keys it proves itself by, the most its tokens may allow, how they are bound to it,
-- and the hosts the server may call on its behalf.
alter table client
  add column name text not null default '',
  add column scopes text[] not null default '{}',
  add column jwks jsonb,
  add column jwks_uri text,
  add column binding text not null default 'none' check (binding in ('none', 'dpop', 'mtls')),
  add column hosts text[] not null default '{}',
  add column changed_at timestamptz,
  add check (jwks is null or jwks_uri is null);
update client set changed_at = created_at;
alter table client alter column changed_at set not null;
