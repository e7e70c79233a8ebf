import './style.css';
import { makeApi } from './api';
import { type AvatarSource, loadAvatar } from './avatar/load';
import { clock, Connection, type Hello } from './connection';
import { Desk, LOOK_MEMORY } from './desk';
import { onDrop } from './drop';
import { framed, type Look } from './look';
import { recall } from './memory';
import { Message } from './message';
import { avatarAddress, readOptions } from './options';
import { OwnExpressions } from './own_expressions';
import { Show } from './show';
import { Seat, seatOf } from './seat';
import { setBackground, Stage } from './stage';
import { Rate } from './status';
import { writeView } from './view';
import { inObs, Visibility } from './visibility';
import type { AvatarState } from './wire';

/** How long the program's greeting is waited for before the usual avatar is loaded, ms. */
const GREETING_MS = 1500;
const STATUS_MS = 500;
/** A silence after which the last state says nothing of now, seconds. */
const STALE = 1;

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found as T;
}

function openStage(): Stage {
  try {
    return new Stage(canvas, look, options.ui, options.people, options.places);
  } catch (error) {
    message.say('This browser has no WebGL 2, which the viewer draws with: turn on hardware acceleration, or use another browser.');
    throw error;
  }
}

const options = readOptions(location.href, inObs(), recall(LOOK_MEMORY));
let look: Look = options;
const canvas = element<HTMLCanvasElement>('stage');
const message = new Message(options.ui ? element('message') : null);
const stage = openStage();
const rate = new Rate();

/** The avatar that the program names: shown unless the user wants another. */
let usual = avatarAddress('/avatars/default.vrm', new URL(location.href));
/** How the program frames it, as options of an address. */
let framing = '';
let connected = false;
let received = 0;
let greeted = false;

let markReady: () => void = () => undefined;
const ready = new Promise<void>((resolve) => {
  markReady = resolve;
});

const seats = Array.from(
  { length: options.people },
  (_, index) =>
    new Seat(index, {
      load: (source) => loadAvatar(source, look.quality, options.token),
      place,
      problem: (sentence) => message.say(sentence),
      clock,
    }),
);
const show = new Show(stage, seats);
const own = new OwnExpressions(seats);

function place(seat: Seat): void {
  stage.show(seat.index, seat.avatar!);
  own.show(seat);
  frame();
  desk?.arrived(seats[0]!.avatar?.info.url ?? '');
  show.draw();
  markReady();
}

/** Shows the program's own avatar wherever none was chosen, or none could be loaded. */
function showUsual(): void {
  for (const seat of seats) if (!seat.chosen) void seat.showAddress(usual);
}

async function choose(source: AvatarSource, index = 0): Promise<void> {
  const seat = seats[index]!;
  const done = await seat.choose(source);
  if (done || seat.avatar !== null) return;
  seat.chosen = false;
  await seat.showAddress(usual);
}

/** Takes over how the program frames its avatar, where the address does not say it and no controls have. */
function frame(): void {
  const query = new URLSearchParams(location.search);
  if (desk || query.has('cam') || query.has('view') || seats[0]!.avatar?.info.url !== usual) return;
  look = framed(look, new URLSearchParams(framing));
  stage.frame(look.camera, look.view);
}

function greet(hello: Hello): void {
  clearTimeout(greetingTimer);
  usual = avatarAddress(hello.avatar || '/avatars/default.vrm', new URL(location.href));
  framing = new URLSearchParams(hello.framing).toString();
  if (desk) desk.framed();
  else frame();
  showUsual();
  if (greeted) for (const seat of seats) void seat.retry();
  greeted = true;
}

function take(state: AvatarState, arrival: number): void {
  received += 1;
  const seat = seatOf(seats, state.person, arrival);
  seat?.performer.push(state, arrival);
  if (seat === seats[0]) rate.count(arrival);
}

const connection = new Connection(options.token, {
  hello: greet,
  state: take,
  expressions: (told) => own.tell(told),
  connected: (now) => {
    connected = now;
  },
  problem: (sentence) => message.say(sentence),
});

function latencyMs(): number {
  return 1000 * ((seats[0]!.performer.state?.age ?? 0) + connection.roundTrip / 2);
}

// --- the page --------------------------------------------------------------------------------------------------------

function setLook(next: Look, camera: boolean): void {
  const anew = next.quality !== look.quality;
  look = next;
  setBackground(next.background);
  stage.setLook(next);
  show.pace.limit = next.frameRate;
  if (camera) stage.frame(next.camera, next.view);
  if (anew) for (const seat of seats) void seat.reload();
}

function openDesk(): Desk {
  const ui = element('ui');
  ui.hidden = false;
  const opened = new Desk(ui, options, look, {
    choose: (source, seat) => void choose(source, seat),
    look: setLook,
    avatars: () => seats.map(({ avatar }) => (avatar?.info.url.startsWith('file:') ? '' : (avatar?.info.url ?? usual))),
    usual: () => usual,
    framing: () => (seats[0]!.avatar?.info.url === usual ? framing : ''),
  });
  stage.viewed = (view) => opened.viewed(view);
  const refresh = (): void => {
    const { state, arrival } = seats[0]!.performer;
    const tracking = clock() - arrival > STALE ? null : (state?.tracking ?? null);
    opened.showVitals({ connected, tracking, fps: rate.at(clock()), latencyMs: latencyMs() });
  };
  setInterval(refresh, STATUS_MS);
  refresh();
  return opened;
}

setLook(look, false);
const desk = options.ui ? openDesk() : null;
own.listen();
onDrop(
  (source, x) => void choose(source, Math.min(Math.floor(x * seats.length), seats.length - 1)),
  (sentence) => message.say(sentence),
);
for (const problem of options.problems) message.say(`${problem}.`);
window.vtuber = makeApi({
  ready,
  state: (seat) => seats[seat]?.performer.state ?? null,
  avatar: (seat) => seats[seat]?.avatar ?? null,
  framing: () => ({ cam: look.camera, view: writeView(look.view) }),
  message: () => message.last,
  stats: () => ({
    fps: rate.at(clock()),
    received,
    latencyMs: latencyMs(),
    drawn: show.pace.drawn,
    scriptMs: show.pace.scriptMs,
    resources: stage.resources(),
  }),
  draw: () => show.draw(),
  measure: () => show.measure(),
});
const greetingTimer = setTimeout(showUsual, GREETING_MS);
options.models.forEach((address, i) => {
  if (i < seats.length) void choose(address, i);
});
show.run(new Visibility((visible) => show.run(visible)).visible);
