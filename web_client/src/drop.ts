import type { AvatarSource } from './avatar/load';
import { filesOfFolder, MOST_FILES } from './avatar/files';

interface Placed {
  path: string;
  file: File;
}

/**
 * Takes files and folders that are dropped anywhere on the page. The browser would otherwise open them in its place.
 *
 * @param take Told where in the page it was dropped: 0 at its left, 1 at its right
 * @param problem Told when what was dropped cannot be read
 */
export function onDrop(take: (source: AvatarSource, x: number) => void, problem: (sentence: string) => void): void {
  let depth = 0;
  const mark = (over: boolean): void => {
    document.documentElement.classList.toggle('dropping', over);
  };
  window.addEventListener('dragenter', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth += 1;
    mark(true);
  });
  window.addEventListener('dragover', (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  window.addEventListener('dragleave', (event) => {
    if (!holdsFiles(event)) return;
    depth = Math.max(0, depth - 1);
    mark(depth > 0);
  });
  window.addEventListener('drop', (event) => {
    event.preventDefault();
    depth = 0;
    mark(false);
    const x = event.clientX / Math.max(window.innerWidth, 1);
    if (event.dataTransfer) void readDrop(event.dataTransfer).then((source) => source && take(source, x), (error) => problem(sentenceOf(error)));
  });
}

/** What to show of several files: one that stands for itself, or all of them together. */
export function sourceOf(placed: readonly Placed[], name: string): AvatarSource | null {
  const [first] = placed;
  if (first === undefined) return null;
  if (placed.length === 1) return first.file;
  const whole = placed.find(({ file }) => /\.(vrm|zip)$/i.test(file.name));
  const parts = placed.some(({ file }) => /\.(model3\.json|pmx)$/i.test(file.name));
  return whole && !parts ? whole.file : filesOfFolder(placed, name);
}

async function readDrop(transfer: DataTransfer): Promise<AvatarSource | null> {
  // All of them now: the list is emptied as soon as the event is over.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null).filter((entry) => entry !== null);
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry.isDirectory)) return sourceOf(plain.map((file) => ({ path: file.name, file })), plain[0]?.name ?? '');
  const placed = (await Promise.all(entries.map((entry) => walk(entry)))).flat();
  return sourceOf(placed, entries[0]!.name);
}

async function walk(entry: FileSystemEntry): Promise<Placed[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Placed[] = [];
  // A folder is told in portions, the last of which is empty.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return found;
    for (const inner of portion) found.push(...(await walk(inner)));
    if (found.length > MOST_FILES) throw new Error(`${entry.name} holds too many files for an avatar`);
  }
}

function sentenceOf(error: unknown): string {
  return `What was dropped cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
