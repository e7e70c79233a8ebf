/** What the program tells of a guided calibration: calibration/face_flow.py and calibration/camera_flow.py. */

interface Standing {
  phase: 'steps' | 'measuring' | 'judged' | 'failed';
  /** Why it has failed. */
  error: string;
}

export interface FaceStanding extends Standing {
  kind: 'face';
  /** All steps by name, in their order. */
  steps: string[];
  step: string;
  /** From 1. */
  number: number;
  /** It is asked for once more. */
  again: boolean;
  /** It is being measured; before that there is time to read. */
  ready: boolean;
  /** 0 to 1. */
  done: number;
  seen: boolean;
  skippable: boolean;
  /** Step -> 0 to 1, of those that were shown. */
  qualities: Record<string, number>;
}

export interface CameraStanding extends Standing {
  kind: 'camera';
  /** Of the parts that the picture is looked at in. */
  columns: number;
  /** Whether the board was seen in each, row by row. */
  parts: boolean[];
  /** left, right, up, down -> 0 to 1. */
  tilts: Record<string, number>;
  /** What to do next: a key of the texts, or a part of the picture. */
  wanted: string;
  share: number;
  views: number;
  /** Of the board in the newest picture, as shares of its width and height. */
  corners: [number, number][];
}

export interface FaceVerdict {
  qualities: Record<string, number>;
  figures: { key: string; name: string; unit: string; before: number; after: number; better: boolean }[];
  reaches: { name: string; rest: number; before: number; after: number }[];
  notes: string[];
  /** PNG; empty when no face was measured. */
  picture: ArrayBuffer;
  /** The whole report as one HTML file. */
  page: string;
}

export interface CameraVerdict {
  focal: number;
  /** Standard deviation of the focal length, as a share. */
  spread: number;
  size: [number, number];
  /** Degrees across and down. */
  view: [number, number];
  /** By what share of its distance from the middle a corner of the picture is moved. */
  bend: number;
  /** Pixels. */
  error: number;
  used: number;
  left_out: number;
}

export interface BoardDrawing {
  width: number;
  height: number;
  /** x, y, width, height of all that is black. */
  boxes: [number, number, number, number][];
}
