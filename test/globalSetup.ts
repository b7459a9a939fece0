/** Runs once before all tests: says which real parts are here, so that a skipped test is never a silent one. */
export default function setup(): void {
  // Filled in by the parts that need it.
}
