// GraphiQL in the whole window, asking the address that it was opened at. A token goes under "Headers":
// {"Authorization": "Bearer …"}
"use strict";

const place = document.getElementById("graphiql");
document.body.style.margin = "0";
place.style.height = "100vh";
ReactDOM.createRoot(place).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: window.location.pathname }),
    defaultQuery: "{\n  certificates(first: 3) {\n    edges { node { productName stars producer { name } } }\n  }\n}\n",
  }),
);
