/**
 * Whose turn it is where the rows of a batch walk one after another.
 *
 * A sampler may take its rows, its groups or blocks of them through the whole chain one by one, or
 * let them take turns after every step or every few, and still ask its network about the whole
 * batch each time. Then each question is the turn of some rows; the others stand at their start, at
 * their end, where they have come to, or hold a place with any one point. A row's path is where it
 * stands at its own turns.
 *
 * @module
 */

import { observationOf, type Problem, type Rows } from "./problem.ts";
import { sameRow } from "./trajectory.ts";

/** The problem of one row alone: rows do not mix, so that it moves as it does among others. */
export function rowAlone(problem: Problem, row: number): Problem {
  const { noise, initial } = problem;
  return {
    ...problem,
    groups: 1,
    samples: 1,
    observations: [observationOf(problem, row)],
    initial: [initial[row]!],
    noise: noise.kind === "own"
      ? noise
      : { kind: "tape", draws: noise.draws.map((draw) => [draw[row]!]) },
  };
}

/** Where one row stands at every question, each place by a number of its own. */
interface Stand {
  /** The number of its place at each question. */
  readonly at: readonly number[];
  /** Questions at which it stands elsewhere than at the one before. */
  readonly moved: readonly number[];
  /** How many places there are. */
  readonly places: number;
  /** The number of its initial action and of what is returned; -1 if it never stands there. */
  readonly initial: number;
  readonly final: number;
}

/** The question at which a row takes its step k. */
type Questions = (k: number, row: number) => number;

/** An order of turns: the question at which a block of rows takes its step k. */
interface Order {
  readonly blocks: number;
  question(block: number, k: number): number;
  /** The block whose turn a question is. */
  blockAt(question: number): number;
}

/** What an order makes of the questions. */
interface Told {
  /** The block of each row. */
  readonly blocks: readonly number[];
  /** Different places on all paths together, twice, and paths that begin at the initial actions. */
  readonly worth: number;
  /** Places outside of the turns that hold a place only. */
  readonly strange: number;
}

/**
 * The points x_0 … x_{N-1} by turns.
 *
 * @param asked the points of all questions for gradients, in their order
 * @returns null if no order of turns explains where the rows stand
 */
export function pointsByTurns(
  problem: Problem,
  asked: readonly Rows[],
  final: Rows,
): readonly Rows[] | null {
  const { settings: { steps }, initial } = problem;
  if (final.length < 2 || asked.length <= steps) return null;
  const stands = initial.map((start, r) => standOf(asked, r, start, final[r]!));
  const question = firstVisits(stands, steps) ?? questionsOf(bestOrder(stands, asked, steps));
  if (question === null) return null;
  return Array.from({ length: steps }, (_, k) => stands.map((_, r) => asked[question(k, r)]![r]!));
}

function standOf(
  asked: readonly Rows[],
  row: number,
  initial: readonly number[],
  final: readonly number[],
): Stand {
  const known = new Map<string, number>();
  const numberOf = (point: readonly number[]) => {
    const text = point.join();
    if (!known.has(text)) known.set(text, known.size);
    return known.get(text)!;
  };
  const at: number[] = [], moved: number[] = [];
  let before: readonly number[] | undefined;
  for (const [question, points] of asked.entries()) {
    const point = points[row]!;
    const rests = sameRow(point, before);
    const number: number = rests ? at[question - 1]! : numberOf(point);
    if (question > 0 && number !== at[question - 1]) moved.push(question);
    at.push(number);
    before = point;
  }
  const places = known.size;
  return {
    at,
    moved,
    places,
    initial: known.get(initial.join()) ?? -1,
    final: known.get(final.join()) ?? -1,
  };
}

interface Best {
  readonly order: Order;
  readonly told: Told;
}

function questionsOf(best: Best | null): Questions | null {
  return best && ((k, row) => best.order.question(best.told.blocks[row]!, k));
}

/** The order that sees the most of the rows' places as their paths. */
function bestOrder(
  stands: readonly Stand[],
  asked: readonly Rows[],
  steps: number,
): Best | null {
  let best: Best | null = null;
  for (const order of ordersOf(asked.length, steps)) {
    const told = toldBy(order, stands, asked, steps);
    if (told === null) continue;
    const more = best === null ? 1 : told.worth - best.told.worth;
    if (more > 0 || (more === 0 && told.strange < best!.told.strange)) best = { order, told };
  }
  return best;
}

/** Blocks that walk to the end one by one, and such that take turns after every so many steps. */
function* ordersOf(questions: number, steps: number): Generator<Order> {
  const blocks = questions / steps;
  if (!Number.isInteger(blocks)) return;
  for (const stretch of new Set([steps, ...Array.from({ length: steps }, (_, k) => k + 1)])) {
    const lengthFrom = (first: number) => Math.min(stretch, steps - first);
    yield {
      blocks,
      question(block, k) {
        const first = k - k % stretch;
        return first * blocks + block * lengthFrom(first) + k - first;
      },
      blockAt(question) {
        const round = Math.floor(question / (stretch * blocks)), first = round * stretch;
        return Math.floor((question - first * blocks) / lengthFrom(first));
      },
    };
  }
}

function toldBy(
  order: Order,
  stands: readonly Stand[],
  asked: readonly Rows[],
  steps: number,
): Told | null {
  const taken = new Set<number>(), blocks: number[] = [];
  let worth = 0, strange = 0, free = false;
  for (const [row, stand] of stands.entries()) {
    const { all, path, best } = turnsOf(order, stand, steps);
    free ||= stand.moved.length === 0;
    const others = strangersOf(stand, path, asked, row);
    if (others === null) return null;
    all.forEach((block) => taken.add(block));
    blocks.push(all[0]!);
    worth += best;
    strange += others;
  }
  // A block of questions that is no row's turn is none.
  return free || taken.size === order.blocks ? { blocks, worth, strange } : null;
}

/** The blocks that a row may belong to: where it walks most, from its initial action if it can be. */
function turnsOf(order: Order, stand: Stand, steps: number) {
  const candidates = new Set([0, order.blocks - 1]);
  for (const question of stand.moved) {
    candidates.add(order.blockAt(question)).add(order.blockAt(question - 1));
  }
  let best = -1, all: number[] = [], path: ReadonlySet<number> = new Set();
  for (const block of [...candidates].sort((a, b) => a - b)) {
    const at = Array.from({ length: steps }, (_, k) => stand.at[order.question(block, k)]!);
    const visited = new Set(at);
    const worth = 2 * visited.size + (at[0] === stand.initial ? 1 : 0);
    if (worth > best) [best, all, path] = [worth, [block], visited];
    else if (worth === best) all.push(block);
  }
  return { all, path, best };
}

/**
 * Places outside of a row's turns that are not of its chain: at most one, which it holds there, or
 * copies of other rows.
 */
function strangersOf(
  { at, places, initial, final }: Stand,
  path: ReadonlySet<number>,
  asked: readonly Rows[],
  row: number,
): number | null {
  const strangers = new Set<number>();
  for (let place = 0; place < places; place++) {
    if (!path.has(place) && place !== initial && place !== final) strangers.add(place);
  }
  if (strangers.size <= 1) return strangers.size;
  const copied = at.every((place, question) =>
    !strangers.has(place) ||
    asked[question]!.some((other, r) => r !== row && sameRow(other, asked[question]![row]!))
  );
  return copied ? strangers.size : null;
}

/** The first question at each of a row's places, if every row has as many places as there are steps. */
function firstVisits(stands: readonly Stand[], steps: number): Questions | null {
  const visits = stands.map(({ at, places, initial, final }) => {
    const first = Array.from({ length: places }, (_, place) => at.indexOf(place));
    if (places === steps + 1 && final === steps) first.pop();
    return first.length === steps && initial === 0 ? first : null;
  });
  if (visits.includes(null)) return null;
  return (k, row) => visits[row]![k]!;
}
