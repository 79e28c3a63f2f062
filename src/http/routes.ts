import type { Interaction } from '../auth/permissions.ts';
import { AUDIT_TIMELINE } from '../consent/audit-timeline.ts';
import { CONSENT_KIND } from '../consent/consent-kind.ts';
import { ORGANIZATION_KIND } from '../consent/organization-kind.ts';
import { PATIENT_KIND } from '../consent/patient-kind.ts';
import { PROVENANCE_TIMELINE } from '../consent/provenance-timeline.ts';
import type { Register } from '../consent/register.ts';
import { SUBSCRIPTION_KIND } from '../consent/subscription-kind.ts';
import { bundleRoute } from './bundle-route.ts';
import { capabilityRoute } from './capability-route.ts';
import { citizenRoutes } from './citizen-routes.ts';
import { conformanceRoutes } from './conformance-routes.ts';
import { familyRoutes } from './family-routes.ts';
import { migrateRoute } from './migrate-route.ts';
import { operationRoutes } from './operation-routes.ts';
import { resourceRoutes } from './resource-routes.ts';
import type { Route } from './route-table.ts';
import { subscriptionOperationRoutes } from './subscription-operation-routes.ts';
import { timelineRoutes } from './timeline-routes.ts';

const ALL: ReadonlySet<Interaction> = new Set([
  'create',
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history',
  'search',
]);

/** The route table: every address of the FHIR door, and the one place to look for what it can do. */
export function createRoutes(register: Register, baseUrl: string): readonly Route[] {
  const guarded = [
    ...resourceRoutes(PATIENT_KIND, ALL),
    ...resourceRoutes(ORGANIZATION_KIND, ALL),
    ...resourceRoutes(CONSENT_KIND, ALL),
    ...resourceRoutes(SUBSCRIPTION_KIND, ALL),
    ...timelineRoutes(AUDIT_TIMELINE),
    ...timelineRoutes(PROVENANCE_TIMELINE),
    ...operationRoutes(),
    migrateRoute(),
    ...citizenRoutes(),
    ...familyRoutes(),
    ...subscriptionOperationRoutes(),
    bundleRoute(() => routes),
  ];
  const described = [...guarded, ...conformanceRoutes(register.conformance)];
  const routes: readonly Route[] = [...described, capabilityRoute(described, register.conformance, baseUrl)];
  return routes;
}
