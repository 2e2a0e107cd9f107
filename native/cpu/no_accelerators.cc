// The answer of a build for the CPU alone.
#include "core/accelerator.h"
#include "core/error.h"

namespace kleio {

AcceleratorSurvey survey_accelerators() {
  AcceleratorSurvey survey;
  survey.reason = "this binary was built for the CPU alone";
  return survey;
}

std::unique_ptr<const Accelerator> open_accelerator(std::size_t, const Backend&,
                                                    const AcceleratorOptions&) {
  throw Error(ErrorCode::kDevice, survey_accelerators().reason);
}

}  // namespace kleio
