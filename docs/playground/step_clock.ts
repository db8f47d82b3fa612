/**
 * How many steps pass while the chains play.
 *
 * @module
 */

/**
 * A clock that is told the time of every frame, in milliseconds, and says how many steps have passed
 * since the one before. It starts with the first frame: the time of the click that asked for it may
 * be later than the frame's own.
 *
 * @param perStep milliseconds
 * @param whole whether only whole steps pass, for those who want less motion
 */
export function stepClock(perStep: number, whole: () => boolean): (now: number) => number {
  let before: number | null = null, owed = 0;
  return (now) => {
    owed += Math.max(now - (before ?? now), 0) / perStep;
    before = now;
    const passed = whole() ? Math.floor(owed) : owed;
    owed -= passed;
    return passed;
  };
}
