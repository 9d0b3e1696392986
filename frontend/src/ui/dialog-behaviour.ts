const FIELDS = 'input:not([type="hidden"]):not(:disabled), textarea:not(:disabled), [role="combobox"]:not(:disabled)'

/** What opened each dialog that is open. */
const openers = new WeakMap<HTMLElement, HTMLElement | null>()

/**
 * Where a dialog's focus goes when it opens: into the first field, else to the dialog itself. Never to its close
 * button, which would show its tooltip; nor into a field under a finger, where it would bring up the keyboard.
 */
export function firstFocus(event: Event): void {
  const content = event.currentTarget
  if (!(content instanceof HTMLElement)) return
  event.preventDefault()
  openers.set(content, openerOf(document.activeElement))
  const field = matchMedia('(pointer: coarse)').matches ? null : content.querySelector<HTMLElement>(FIELDS)
  ;(field ?? content).focus()
}

/** Back to what opened it: Radix knows only triggers of its own, and would leave the focus nowhere. */
export function returnFocus(event: Event): void {
  const opener = event.currentTarget instanceof HTMLElement ? openers.get(event.currentTarget) : null
  if (!opener) return
  event.preventDefault()
  opener.focus()
}

/** Where the focus was; where that is a menu, which is gone by then, the menu's button. */
function openerOf(focused: Element | null): HTMLElement | null {
  const trigger = focused?.closest('[role="menu"]')?.getAttribute('aria-labelledby')
  const opener = trigger ? document.getElementById(trigger) : focused
  return opener instanceof HTMLElement ? opener : null
}

/** A press on a message at the foot of the page is none beside the dialog: it leaves it open. */
export function stayForToasts(event: Event): void {
  if (event.target instanceof Element && event.target.closest('[data-toasts]') !== null) event.preventDefault()
}
