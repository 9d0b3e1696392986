const FIELDS = 'input:not([type="hidden"]):not(:disabled), textarea:not(:disabled), [role="combobox"]:not(:disabled)'

/**
 * Where a dialog's focus goes when it opens: into the first field, else to the dialog itself. Never to its close
 * button, which would show its tooltip; nor into a field under a finger, where it would bring up the keyboard.
 */
export function firstFocus(event: Event): void {
  const content = event.currentTarget
  if (!(content instanceof HTMLElement)) return
  event.preventDefault()
  const field = matchMedia('(pointer: coarse)').matches ? null : content.querySelector<HTMLElement>(FIELDS)
  ;(field ?? content).focus()
}

/** A press on a message at the foot of the page is none beside the dialog: it leaves it open. */
export function stayForToasts(event: Event): void {
  if (event.target instanceof Element && event.target.closest('[data-toasts]') !== null) event.preventDefault()
}
