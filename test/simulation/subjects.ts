import { rotationScheduleOf, runRotationSchedule } from './rotations/run-rotation-schedule.ts';
import { runSchedule } from './run-schedule.ts';
import { scheduleOf } from './schedules.ts';

/** What schedules are about: the fleet and its members, or certificates and keys that are rotated on it. */
export const subjects = {
  fleet: { scheduleOf, run: runSchedule, option: '' },
  rotations: { scheduleOf: rotationScheduleOf, run: runRotationSchedule, option: '--about rotations ' },
};

export type Subject = keyof typeof subjects;

export const isSubject = (text: string): text is Subject => text in subjects;
