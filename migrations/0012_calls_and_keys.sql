-- Whoever delivers asks for the hosts of a holder's clients.
create index client_ura on client (ura) where ura is not null;
