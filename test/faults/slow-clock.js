const DAY = 86_400_000;
const RealDate = Date;

// `node --import`: the whole process believes that it is yesterday.
globalThis.Date = class SlowDate extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() - DAY] : given));
  }

  static now() {
    return RealDate.now() - DAY;
  }
};
