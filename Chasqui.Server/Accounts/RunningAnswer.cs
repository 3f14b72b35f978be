using Chasqui.Server.Http;

namespace Chasqui.Server.Accounts;

/// <summary>An answer can be read slowly: before each further part it asks whether its caller may have the rest.</summary>
internal static class RunningAnswer
{
    /// <summary>Ends the connection where not: an answer that ends early must not look whole.</summary>
    /// <param name="http">The request.</param>
    /// <param name="tokens">They know whether its token is still good.</param>
    /// <param name="isAllowed">What else the answer needs.</param>
    public static async Task<bool> IsStillAllowedAsync(this HttpContext http, TokenStore tokens, bool isAllowed = true)
    {
        if (isAllowed && await tokens.IsGoodAsync(http.User.GetTokenId(), http.User.GetUserId()))
        {
            return true;
        }

        http.Abort();
        return false;
    }
}
