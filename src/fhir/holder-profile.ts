import type { PlaceText } from '../decision/stored-rule.ts';

/** What stands of one citizen's answers for one holder: complete, so that the latest one replaces every earlier one. */
export interface HolderProfile {
  readonly catalogueVersion: string;
  /** The data category of the holder's row. */
  readonly dataCategory: string;
  /** Requester places with yes: categories in catalogue order, then organisations that the citizen named. */
  readonly permit: readonly PlaceText[];
  /** The same with no. Every category stands in one of the two. */
  readonly deny: readonly PlaceText[];
}

/** Whether two profiles say the same about the same data. */
export function isSameProfile(one: HolderProfile, other: HolderProfile): boolean {
  const said = ({ dataCategory, permit, deny }: HolderProfile): string => JSON.stringify([dataCategory, permit, deny]);
  return said(one) === said(other);
}
