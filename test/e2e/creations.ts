import { allContainers, dockerOf } from './containers.ts';
import { lab } from './story.ts';
import { components } from '../../cluster/components/component.ts';

export interface Creations {
  /** How often each `node/component` was created since; ends the recording. */
  end(): Promise<Record<string, number>>;
}

interface DockerEvent {
  Actor: { Attributes: { name?: string } };
}

/** Counts, by Docker's own events, how often each component's container is created: a step that is done twice shows here. */
export async function recordCreations(): Promise<Creations> {
  const counts: Record<string, number> = {};
  const streams = await Promise.all(
    lab.nodes().map(async (node) => {
      const filters = JSON.stringify({ type: ['container'], event: ['create'] });
      const stream = await dockerOf(node).getEvents({ filters });
      stream.setEncoding('utf8');
      let rest = '';
      stream.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines.filter((one) => one.trim() !== '')) {
          const { Actor }: DockerEvent = JSON.parse(line);
          const name = Actor.Attributes.name ?? '';
          if (components.some((component) => component === name)) count(counts, `${node.name}/${name}`);
        }
      });
      return stream;
    }),
  );
  return {
    end: async () => {
      // A listing answers later than the events before it.
      await allContainers();
      for (const stream of streams) if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
      return counts;
    },
  };
}

function count(counts: Record<string, number>, place: string): void {
  counts[place] = (counts[place] ?? 0) + 1;
}
