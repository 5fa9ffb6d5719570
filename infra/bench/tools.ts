import { join } from 'node:path'

export const toolNames = ['vesemir', 'vesemir-probe', 'floor', 'fabric', 'ansible', 'ansible-stock', 'mitogen'] as const
export type ToolName = (typeof toolNames)[number]

/** A way to deploy, as a script that is called with FLEET VERSION ARTIFACT CONCURRENCY MODE and ends when all is done. */
export interface Tool {
  script: string
  mode: string
  /** What it is called before readers. */
  title: string
}

const peers = join(import.meta.dirname, 'peers')

export const tools: Record<ToolName, Tool> = {
  vesemir: { script: join(import.meta.dirname, 'vesemir.sh'), mode: 'check', title: 'Vesemir' },
  'vesemir-probe': { script: join(import.meta.dirname, 'vesemir.sh'), mode: 'probe', title: 'Vesemir, by probe' },
  floor: { script: join(peers, 'floor.sh'), mode: 'kex', title: 'Script on OpenSSH' },
  fabric: { script: join(peers, 'fabric_deploy.py'), mode: 'paramiko', title: 'Script on Fabric' },
  ansible: { script: join(peers, 'ansible.sh'), mode: 'tuned', title: 'Ansible at its best' },
  'ansible-stock': { script: join(peers, 'ansible.sh'), mode: 'stock', title: 'Ansible as it comes' },
  mitogen: { script: join(peers, 'ansible.sh'), mode: 'mitogen', title: 'Ansible with Mitogen' },
}

/** Vesemir by both of its proofs: what its services use is part of its cost. */
export const vesemirs: readonly ToolName[] = ['vesemir', 'vesemir-probe']

/** The scripts that use nothing but what a person would write in an afternoon. The faster of them is the floor. */
export const scripts: readonly ToolName[] = ['floor', 'fabric']
