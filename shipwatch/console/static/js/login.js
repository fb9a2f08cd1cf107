// The token for a cookie; it never stands in an address.
const problem = document.getElementById("problem");
document.getElementById("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  try {
    const answer = await fetch("/api/v1/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: document.getElementById("token").value }),
    });
    if (answer.ok) location.replace("/");
    else problem.textContent = (await answer.json()).error || `refused (${answer.status})`;
  } catch (away) {
    problem.textContent = "The console does not answer.";
  }
});
