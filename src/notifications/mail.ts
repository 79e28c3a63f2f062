/** A mail, ready to be sent. */
export interface Mail {
  /** A UUID of its own, the same each time it is sent: whoever gets it twice can tell. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

/** Hands a mail over; resolves once the other side is answerable for it. */
export type SendMail = (mail: Mail) => Promise<void>;

/** Keeps addresses and codes unreadable in the database; `purpose` must be the same at both ends. */
export interface TextVault {
  sealText(purpose: string, text: string): string;
  openText(purpose: string, sealed: string): string;
}

export const ADDRESS_PURPOSE = 'mail address';
export const CODE_PURPOSE = 'mail code';
