import React from "react";

export const Scrollbars = React.forwardRef(({ children, style }, ref) => (
  <div ref={ref} style={{ overflow: "auto", height: "100%", width: "100%", ...style }}>
    {children}
  </div>
));
export default Scrollbars;
