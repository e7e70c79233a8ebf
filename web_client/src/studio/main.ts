import './tokens.css';
import './studio.css';
import type { Context } from './context';
import { h, say } from './dom';
import { keys, type Listen } from './keys';
import { Link } from './link';
import { Shell } from './shell';
import { keepLanguage, language, LANGUAGES } from './texts';
import type { Parts, Truth, Vitals } from './truth';

const token = new URL(location.href).searchParams.get('token');
const root = document.getElementById('studio')!;
const message = h('p', { class: 'message', role: 'status', 'aria-live': 'polite', click: () => message.classList.remove('shown') });
/** Seconds for which a message stands. */
const STANDS = 9;

let truth: Truth | null = null;
let vitals: Vitals | null = null;
let parts: Parts | null = null;
let connected = false;
let shell: Shell | null = null;
let timer = 0;

function tell(sentence: string): void {
  // A dialog lies over all that is not in it.
  const place = document.querySelector('dialog[open]') ?? root;
  if (message.parentElement !== place) place.append(message);
  say(message, sentence);
  message.classList.add('shown');
  clearTimeout(timer);
  timer = window.setTimeout(() => message.classList.remove('shown'), STANDS * 1000);
}

async function act(command: { do: string } & Record<string, unknown>): Promise<boolean> {
  try {
    await link.do(command);
    return true;
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return false;
  }
}

async function addAvatars(files: readonly File[]): Promise<void> {
  const t = LANGUAGES[language()]!.texts;
  for (const file of files) {
    tell(`${t.avatars.sending} ${file.name} …`);
    const answer = await link.fetch(`/library/${encodeURIComponent(file.name)}`, { method: 'PUT', body: file }).catch(() => null);
    tell(answer === null ? t.offline : (await answer.text()).trim());
  }
}

/** The address of the stage on this server: as this page was reached. */
function obs(): string {
  const url = new URL('/', location.href);
  url.searchParams.set('bg', 'transparent');
  url.searchParams.set('ui', '0');
  if (token !== null) url.searchParams.set('token', token);
  return url.href;
}

const link = new Link(token, {
  truth: (news) => {
    truth = news;
    void refresh();
  },
  vitals: (news) => {
    vitals = news;
    shell?.tick(news, connected);
  },
  preview: (picture, marks) => shell?.preview(picture, marks),
  connected: (now) => {
    connected = now;
    if (!now && truth !== null) tell(LANGUAGES[language()]!.texts.offline);
    shell?.status(vitals, connected);
  },
});

let asking: Promise<Parts> | null = null;

async function refresh(): Promise<void> {
  parts ??= await (asking ??= link.ask<Parts>('parts'));
  if (shell === null) build();
  if (truth !== null) shell?.show(truth);
}

function build(): void {
  const code = language();
  document.documentElement.lang = code;
  const studio: Context = {
    link,
    t: LANGUAGES[code]!.texts,
    parts: parts!,
    truth: () => truth!,
    act,
    tell,
    addAvatars: (files) => void addAvatars(files),
    stage: () => {
      // A stage that could not be loaded is a page of the browser's own, which nobody may look into: it has no document.
      const frame = document.querySelector<HTMLIFrameElement>('iframe.stage');
      return (frame?.contentDocument && frame.contentWindow?.vtuber) ?? null;
    },
    obs,
  };
  hear ??= keys({ ...studio }, () => shell?.recentre());
  document.title = `VTuber ${studio.t.title}`;
  shell?.remove();
  shell = new Shell(studio, hear, (chosen) => {
    keepLanguage(chosen);
    build();
    shell!.show(truth!);
  });
  root.replaceChildren(shell.element, message);
  if (!heard) hear(window);
  heard = true;
}

let hear: Listen | null = null;
let heard = false;

window.addEventListener('dragover', (event) => event.preventDefault());
window.addEventListener('drop', (event) => {
  event.preventDefault();
  void addAvatars([...(event.dataTransfer?.files ?? [])]);
});

