/** How long a socket may take, in milliseconds. */
export interface DoorTimes {
  /** Until the headers of a request are there. */
  readonly headers: number;
  /** Until a body that is read as a whole is there. */
  readonly body: number;
  /** That nothing at all goes over it, in either direction. */
  readonly idle: number;
  /** That it is kept for another request. */
  readonly keepAlive: number;
}
