import { LABEL, SLOTS } from "../../components/names";
import { notApplicable, passes, type Result, type Rule, violation } from "../rule";

export const slotLabel: Rule = {
  id: "slot-label",
  title: "The slot's label is in selector and pod template",
  why: "A slot whose selector does not name it adopts the other slot's pods, and pods without the label get no traffic after a cutover.",
  reads: [
    "spec.selector",
    "spec.template.metadata.labels",
    `label ${LABEL.slot}`,
    `label ${LABEL.environment}`,
    "annotation hitless.dev/revision",
  ],
  passes: `${LABEL.slot} is blue or green, the same in selector, pod template and (where it has one) the object; objects that have nothing to do with slots are left alone`,
  check(workload) {
    if (!workload.inSlots()) return notApplicable("has nothing to do with slots");
    const own = workload.label(LABEL.slot);
    const places = [
      ...(own === undefined ? [] : [{ path: "metadata.labels", value: own }]),
      { path: "spec.selector.matchLabels", value: workload.selected(LABEL.slot) },
      { path: "spec.template.metadata.labels", value: workload.templateLabel(LABEL.slot).text() },
    ];
    const slot = places.find(({ value }) =>
      (SLOTS as readonly (string | undefined)[]).includes(value),
    )?.value;
    return places.flatMap(({ path, value }) =>
      slot !== undefined && value === slot ? passes : wrong(path, value, slot ?? SLOTS.join(" or ")),
    );
  },
};

const wrong = (path: string, value: string | undefined, wanted: string): Result[] =>
  violation({
    path: `${path}["${LABEL.slot}"]`,
    actual:
      value === undefined
        ? `${path} has no ${LABEL.slot}`
        : `${LABEL.slot} in ${path} is ${value.slice(0, 20)}`,
    required: wanted,
    fix: `set ${LABEL.slot} in ${path} to ${wanted}`,
  });
