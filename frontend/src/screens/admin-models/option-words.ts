// Names and one line each for the load options that Patchbay knows; others keep the name that the provider gave them.
import type { TFunction } from '../../i18n/use-translation'

const KNOWN = [
  'eval_batch_size',
  'flash_attention',
  'gpu_layers',
  'gpu_ratio',
  'identifier',
  'keep_alive',
  'num_experts',
  'offload_kv_cache_to_gpu',
  'parallel',
  'progress',
  'threads',
  'ttl',
] as const

interface Words {
  label: string
  /** One line: what it does. */
  what: string | null
}

export function optionWords(name: string, t: TFunction<'lifecycle'>): Words {
  const known = KNOWN.find((one) => one === name)
  if (known === undefined) return { label: name, what: null }
  return { label: t(`option.${known}.label`), what: t(`option.${known}.what`) }
}
