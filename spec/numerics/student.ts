/**
 * Student's t distribution with five degrees of freedom.
 *
 * @module
 */

/** P(T ≤ t), in closed form. */
export function studentTail(t: number): number {
  const angle = Math.atan(t / Math.sqrt(5));
  const cos2 = Math.cos(angle) ** 2;
  return 0.5 + (angle + Math.sin(angle) * Math.cos(angle) * (1 + 2 / 3 * cos2)) / Math.PI;
}

/** Its inverse, for u in (0, 1): Newton's method, held in a bracket. */
export function studentQuantile(u: number): number {
  let low = -1e3, high = 1e3, t = 0;
  for (let i = 0; i < 100; i++) {
    const miss = studentTail(t) - u;
    if (miss < 0) low = t;
    else high = t;
    const density = 8 / (3 * Math.PI * Math.sqrt(5)) / (1 + t * t / 5) ** 3;
    const newton = t - miss / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-15 * Math.abs(t)) return next;
    t = next;
  }
  return t;
}
