import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from 'react'

/** Where the page is: what is shown is in its address, so that it can be shared and gone back to. */
export interface Address {
  path: string
  query: URLSearchParams
}

const listeners = new Set<() => void>()
let current: Address = read()

function read(): Address {
  return { path: location.pathname, query: new URLSearchParams(location.search) }
}

function announce(): void {
  current = read()
  for (const listener of listeners) listener()
}
window.addEventListener('popstate', announce)

/** Gives the place, and follows it. */
export function useAddress(): Address {
  return useSyncExternalStore(subscribe, () => current)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Goes to an address of this page. `replace` leaves no step to go back by. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  announce()
}

/** Gives the address that differs from a place in these parts of the query; an empty value takes a part out. */
export function addressWith({ path, query }: Address, changes: Record<string, string | undefined>): string {
  const changed = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') changed.delete(name)
    else changed.set(name, value)
  }
  const text = changed.toString()
  return text === '' ? path : `${path}?${text}`
}

/** A link within the page. The browser opens it as it does any other where that is asked for, as by Ctrl. */
export function Link({ href, onClick, ...attributes }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    event.preventDefault()
    navigate(href)
  }
  return <a href={href} onClick={follow} {...attributes} />
}
