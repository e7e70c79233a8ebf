import './style.css';
import { makeApi, type Stats } from './api';
import type { Avatar } from './avatar/avatar';
import { type AvatarSource, loadAvatar } from './avatar/load';
import { REST_POSE } from './avatar/rest_pose';
import { clock, Connection, type Hello } from './connection';
import { onDrop } from './drop';
import { Message } from './message';
import { avatarAddress, readOptions } from './options';
import { Performer } from './performer';
import { setBackground, Stage } from './stage';
import { Rate, Status } from './status';
import { Toolbar } from './toolbar';
import { inObs, Visibility } from './visibility';

/** How long the program's greeting is waited for before the usual avatar is loaded, ms. */
const GREETING_MS = 1500;
const STATUS_MS = 500;
/** A gap between two pictures after which hair and cloth start anew, seconds. */
const LONG_GAP = 0.5;
/** A silence after which the last state says nothing of now, seconds. */
const STALE = 1;
const SEED = 1;

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found as T;
}

function openStage(): Stage {
  try {
    return new Stage(canvas, options.quality, options.camera, options.ui);
  } catch (error) {
    message.say('This browser has no WebGL 2, which the viewer draws with: turn on hardware acceleration, or use another browser.');
    throw error;
  }
}

const options = readOptions(location.href, inObs());
const canvas = element<HTMLCanvasElement>('stage');
const message = new Message(options.ui ? element('message') : null);
const stage = openStage();
const performer = new Performer(SEED, REST_POSE);
const rate = new Rate();

let avatar: Avatar | null = null;
/** The avatar that the program names: shown unless the user wants another. */
let usual = avatarAddress('/avatars/default.vrm', new URL(location.href));
let chosen = options.model !== null;
/** Avatars are counted as they are asked for: one that is loaded late does not replace one that was asked for after it. */
let asked = 0;
let onStage = 0;
let shownModel = '';
let connected = false;
let received = 0;

let markReady: () => void = () => undefined;
const ready = new Promise<void>((resolve) => {
  markReady = resolve;
});

async function show(source: AvatarSource): Promise<void> {
  const ticket = ++asked;
  try {
    const next = await loadAvatar(source, options.quality, options.token);
    if (ticket < onStage) return next.dispose();
    onStage = ticket;
    next.apply(performer.sample(clock()));
    next.update(0);
    next.settle();
    stage.show(next, avatar);
    avatar?.dispose();
    avatar = next;
    stage.draw();
    markReady();
  } catch (error) {
    message.say(error instanceof Error ? error.message : String(error));
    // Asked for again when the program comes back.
    if (source === shownModel) shownModel = '';
    if (avatar === null && source !== usual) showModel(usual);
  }
}

function showModel(address: string): void {
  if (address === shownModel) return;
  shownModel = address;
  void show(address);
}

function showFiles(source: AvatarSource): void {
  chosen = true;
  shownModel = '';
  void show(source);
}

function greet(hello: Hello): void {
  clearTimeout(greetingTimer);
  usual = avatarAddress(hello.avatar || '/avatars/default.vrm', new URL(location.href));
  if (!chosen) showModel(usual);
}

const connection = new Connection(options.token, {
  hello: greet,
  state: (state, arrival) => {
    received += 1;
    if (performer.push(state, arrival)) rate.count(arrival);
  },
  connected: (now) => {
    connected = now;
  },
  problem: (sentence) => message.say(sentence),
});

function stats(): Stats {
  const age = performer.state?.age ?? 0;
  return { fps: rate.at(clock()), received, latencyMs: 1000 * (age + connection.roundTrip / 2) };
}

// --- the pictures ----------------------------------------------------------------------------------------------------

let lastPicture = clock();
let request = 0;

/** @param time When the display began this picture, ms: steadier than the clock, and motion is as smooth as its time. */
function picture(time: number): void {
  request = requestAnimationFrame(picture);
  const now = time / 1000;
  const dt = Math.max(now - lastPicture, 0);
  lastPicture = now;
  if (avatar === null) return;
  avatar.apply(performer.sample(now));
  avatar.update(dt);
  if (dt > LONG_GAP) avatar.settle();
  stage.draw();
}

function run(visible: boolean): void {
  cancelAnimationFrame(request);
  if (visible) request = requestAnimationFrame(picture);
}

// --- the page --------------------------------------------------------------------------------------------------------

function mirror(mirrored: boolean): void {
  canvas.classList.toggle('mirrored', mirrored);
}

function addControls(): void {
  const ui = element('ui');
  ui.hidden = false;
  const status = new Status(ui);
  new Toolbar(ui, options, {
    choose: showFiles,
    camera: (name) => stage.frame(name),
    background: setBackground,
    mirror,
  });
  const refresh = (): void => {
    const silent = clock() - performer.arrival > STALE;
    status.show({ connected, tracking: silent ? null : (performer.state?.tracking ?? null), ...stats() });
  };
  setInterval(refresh, STATUS_MS);
  refresh();
}

setBackground(options.background);
mirror(options.mirror);
if (options.ui) addControls();
onDrop(showFiles, (sentence) => message.say(sentence));
for (const problem of options.problems) message.say(`${problem}.`);
window.vtuber = makeApi({ ready, state: () => performer.state, avatar: () => avatar, message: () => message.last, stats });
const greetingTimer = setTimeout(() => {
  if (!chosen) showModel(usual);
}, GREETING_MS);
if (options.model !== null) showModel(options.model);
run(new Visibility(run).visible);
