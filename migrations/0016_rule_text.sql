-- A rule comes back as it was written: to write it out anew took PostgreSQL longer than to find it, at each question.
alter table consent alter column rule type json using rule::json;
alter table consent_history alter column rule type json using rule::json;
