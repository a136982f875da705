/** What `predict` makes of each item from all the others, in the order of the items. */
export const leaveOneOut = <T, R>(items: readonly T[], predict: (others: T[], left: T) => R): R[] =>
  items.map((left, i) =>
    predict(
      items.filter((_, j) => j !== i),
      left,
    ),
  );
