/** A promise of the engine that does not hold. Ends the simulation. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** @throws Violation unless `holds` */
export function demand(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Violation(message())
}
