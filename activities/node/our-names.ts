import { components } from '../../cluster/components/component.ts';

/** The container that files reach a node through. */
export const fileContainerName = 'cke-files';

/** Names of all the containers that stay on a node. */
export const containerNames: readonly string[] = [...components, fileContainerName];
