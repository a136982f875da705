const COLLECTIVE = /nccl|rccl|oneccl|cross_device_reduce|all_?reduce|all_?gather|reduce_?scatter|all_?to_?all|quick_?reduce/i;

/** Whether a kernel, by its name, talks to other devices. */
export const isCollective = (kernel: string): boolean => COLLECTIVE.test(kernel);
