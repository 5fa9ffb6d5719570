/** A value that is there and cannot be read, and why, in words that go on after "is". */
export class Unread {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }

  toJSON(): string {
    return this.why
  }
}

/** What stands for a value that Ansible Vault has encrypted. */
export const vaulted = new Unread('encrypted by Ansible Vault')

/** Whether a whole file is encrypted. */
export function isVaulted(text: string): boolean {
  return /^\s*\$ANSIBLE_VAULT;/.test(text)
}

/** What to do about an inventory that only Ansible can read. */
export const ansibleHint = 'let Ansible read it: use the inventory `kind: command` with ansible-inventory'
