import { describe, expect, it } from 'vitest';
import { type House, Seat, seatOf } from '../src/seat';
import { makeState } from './fixtures';

/** Nobody loads an avatar here. */
const EMPTY: House = { load: () => Promise.reject(new Error('none')), place: () => undefined, problem: () => undefined, clock: () => 0 };

function tell(seats: readonly Seat[], person: number, now: number): number | null {
  const seat = seatOf(seats, person, now);
  seat?.performer.push(makeState(now, { person }), now);
  return seat?.index ?? null;
}

describe('seatOf', () => {
  it('gives each performer the seat of their number, and keeps it', () => {
    const seats = [new Seat(0, EMPTY), new Seat(1, EMPTY)];
    expect([tell(seats, 1, 0), tell(seats, 0, 0.1), tell(seats, 1, 0.2)]).toEqual([1, 0, 1]);
  });

  it('passes over those for whom there is no seat, until one has been silent', () => {
    const seats = [new Seat(0, EMPTY)];
    expect([tell(seats, 0, 0), tell(seats, 3, 0.5), tell(seats, 0, 0.6), tell(seats, 3, 1.7), tell(seats, 0, 1.8)]).toEqual([0, null, 0, 0, null]);
  });

  it('seats a stranger where there is room', () => {
    const seats = [new Seat(0, EMPTY), new Seat(1, EMPTY)];
    expect([tell(seats, 0, 0), tell(seats, 7, 0.1), tell(seats, 0, 0.2)]).toEqual([0, 1, 0]);
  });
});

describe('Seat', () => {
  it('asks again for what could not be had, and says why it was not', async () => {
    const said: string[] = [];
    let asked = 0;
    const house: House = { ...EMPTY, problem: (sentence) => said.push(sentence), load: () => Promise.reject(new Error(`no ${++asked}`)) };
    const seat = new Seat(0, house);
    expect(await seat.choose('http://127.0.0.1/avatars/a')).toBe(false);
    await seat.retry();
    expect(said).toEqual(['no 1', 'no 2']);
    expect(seat.avatar).toBeNull();
  });
});
