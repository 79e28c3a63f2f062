import fc from 'fast-check';

/** A run can be repeated; `FC_SEED` tries the properties with other values. */
const SEED = 20_261_122;

fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? SEED) });
