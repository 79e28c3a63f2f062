import { smtpSender } from '../../src/notifications/smtp.ts';
import { openSmtpServer, type SmtpServer } from '../http/mails.ts';
import { LIMIT_MS } from '../setup/test-database.ts';

const MAIL = { id: 'one', to: 'noor@example.test', subject: 'Subject', text: 'Text' };
const FROM = 'no-reply@akkoord.example';
/** Leads to this machine too, but does not say so: what the sender sees is a host somewhere on a network. */
const ELSEWHERE = '0.0.0.0';

let smtp: SmtpServer;

beforeAll(async () => {
  smtp = await openSmtpServer();
}, LIMIT_MS);

afterAll(() => smtp.close());

describe('a mail to an SMTP server that offers no TLS', () => {
  it('stays here when the server is somewhere on a network', async () => {
    const url = smtp.url.replace('127.0.0.1', ELSEWHERE);
    await expect(smtpSender({ url, from: FROM })(MAIL)).rejects.toThrow(/STARTTLS/);
    expect(smtp.mails).toHaveLength(0);
  });

  it('leaves when the server is this machine, or the operator says so', async () => {
    await smtpSender({ url: smtp.url, from: FROM })(MAIL);
    await smtpSender({ url: `${smtp.url.replace('127.0.0.1', ELSEWHERE)}?requireTLS=false`, from: FROM })(MAIL);
    expect(await smtp.mailsTo(MAIL.to, 2)).toHaveLength(2);
  });
});
